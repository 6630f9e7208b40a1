/** Times, gathered by what was done. */
export class Times {
  #taken = new Map();

  async take(name, work) {
    const from = performance.now();
    const result = await work();
    this.add(name, performance.now() - from);
    return result;
  }

  add(name, ms) {
    const times = this.#taken.get(name) ?? [];
    times.push(ms);
    this.#taken.set(name, times);
  }

  median(name) {
    return quantile(this.#taken.get(name) ?? [], 0.5);
  }

  range(name) {
    const times = this.#taken.get(name) ?? [];
    return `${inMs(Math.min(...times))}-${inMs(Math.max(...times))}`;
  }
}

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The list begun at another place in every round, so that nothing always comes first. */
export function rotated(list, round) {
  const first = round % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

export function inMs(ms) {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en');
}

export function inMb(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** A table in Markdown, as docs/performance.md has it. */
export function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Whether a ratio is what DESIGN asks for. */
export function verdict(ratio, target) {
  if (target === undefined) return '-';
  return `${target} ${ratio <= target ? 'met' : 'MISSED'}`;
}
