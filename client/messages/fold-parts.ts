import type { MessagePart_PartFragment } from '../gql/graphql.ts';

export type Part = MessagePart_PartFragment;

/** The parts do not reach up to where a piece begins: something before it was missed. */
export class Gap extends Error {}

const streamedText = (part: Part): string | null => {
  switch (part.__typename) {
    case 'TextPart':
    case 'ReasoningPart':
      return part.text;
    case 'ToolCallPart':
      return part.output;
    default:
      return null;
  }
};

const withText = (part: Part, text: string): Part => {
  switch (part.__typename) {
    case 'TextPart':
    case 'ReasoningPart':
      return { ...part, text };
    case 'ToolCallPart':
      return { ...part, output: text };
    default:
      return part;
  }
};

const replace = (parts: readonly Part[], part: Part): Part[] =>
  parts.map((one) => (one.position === part.position ? part : one));

/** Adds a part, unless it is there already. */
export function addPart(parts: readonly Part[], part: Part): readonly Part[] {
  if (parts.some(({ position }) => position === part.position)) return parts;
  return [...parts, part].sort((one, other) => one.position - other.position);
}

/** Takes over everything but the streamed text, which events of this kind do not carry. */
export function updatePart(parts: readonly Part[], part: Part): readonly Part[] {
  const known = parts.find(({ position }) => position === part.position);
  if (!known) return addPart(parts, part);
  const text = streamedText(known);
  return replace(parts, text === null ? part : withText(part, text));
}

/**
 * Adds what is not there yet of a piece of text.
 * @param offset where the piece begins, in UTF-16 units
 * @throws Gap when the text ends before it begins
 */
export function appendText(parts: readonly Part[], position: number, offset: number, text: string): readonly Part[] {
  const part = parts.find((one) => one.position === position);
  const before = part ? streamedText(part) : null;
  if (!part || before === null || before.length < offset) throw new Gap();
  const news = text.slice(before.length - offset);
  return news === '' ? parts : replace(parts, withText(part, before + news));
}
