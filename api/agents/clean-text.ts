/** Text of an agent as the database can keep it: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

/** The end of what a program wrote, at most `length` characters, fit to stand in a sentence. */
export function lastLines(text: string, length = 500): string {
  const plain = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
  const end = storable(plain).trim();
  if (end.length <= length) return end;
  const cut = end.slice(-length);
  return cut.slice(cut.indexOf('\n') + 1).toWellFormed();
}
