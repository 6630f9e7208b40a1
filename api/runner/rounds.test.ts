import { Rounds } from './rounds.ts';

describe('rounds', () => {
  it('do one key after the other, and each once for all who ask before it begins', async () => {
    const done: string[] = [];
    let atWork = 0;
    const rounds = new Rounds(
      async (key) => {
        atWork += 1;
        expect(atWork).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        atWork -= 1;
        done.push(key);
      },
      () => undefined,
    );
    await Promise.all(['a', 'b', 'a', 'c', 'a'].map((key) => rounds.ask(key)));
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('do a key once more when it is asked for while it is being done', async () => {
    const done: string[] = [];
    let again: Promise<void> | undefined;
    const rounds = new Rounds(
      async (key) => {
        if (done.length === 0) again = rounds.ask(key);
        done.push(key);
      },
      () => undefined,
    );
    await rounds.ask('a');
    await again;
    expect(done).toEqual(['a', 'a']);
  });

  it('go on after a failure, and stop when they are closed', async () => {
    const failures: string[] = [];
    const done: string[] = [];
    const rounds = new Rounds(
      async (key) => {
        if (key === 'bad') throw new Error('no');
        done.push(key);
      },
      (error, key) => failures.push(`${key}: ${(error as Error).message}`),
    );
    await Promise.all([rounds.ask('bad'), rounds.ask('good')]);
    const left = rounds.ask('late');
    await rounds.close();
    await left;
    await rounds.ask('later');
    expect(failures).toEqual(['bad: no']);
    expect(done).toEqual(['good']);
  });
});
