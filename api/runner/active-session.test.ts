import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type Logger, pino } from 'pino';
import { ActiveSession } from './active-session.ts';
import { WatchBudget } from './watch-budget.ts';

let stirred: number;
let rested: number;

function make(path = '/nowhere', budget = new WatchBudget(0), log: Logger = pino({ level: 'silent' })) {
  return new ActiveSession({
    ...{ sessionId: 'abcdefghijkl', path, budget, log },
    onStir: () => {
      stirred += 1;
    },
    onRest: () => {
      rested += 1;
    },
  });
}

beforeEach(() => {
  stirred = 0;
  rested = 0;
});

describe('an active session', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is checked once for a group of changes, a moment after the first', () => {
    const session = make();
    for (let change = 0; change < 100; change += 1) {
      session.stir();
      jest.advanceTimersByTime(2);
    }
    expect(stirred).toBe(0);
    jest.advanceTimersByTime(100);
    expect(stirred).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect(stirred).toBe(1);
  });

  it('is checked every two seconds under constant writing, and more rarely where that costs much', () => {
    const session = make();
    const write = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 10) {
        session.stir();
        jest.advanceTimersByTime(10);
      }
      const count = stirred;
      stirred = 0;
      return count;
    };
    session.beginCheck();
    session.endCheck(0);
    expect(write(2_010)).toBe(1);
    session.beginCheck();
    // A check that takes long: what stirs meanwhile does not bring the next one forward.
    expect(write(3_000)).toBe(0);
    session.endCheck(10_000);
    expect(write(9_900)).toBe(0);
    expect(write(200)).toBe(1);
  });

  it('is checked again for what stirred during a check, and not for what stirred before', () => {
    const session = make();
    session.stir();
    session.beginCheck();
    session.endCheck(0);
    jest.advanceTimersByTime(10_000);
    expect(stirred).toBe(0);
    session.beginCheck();
    session.stir();
    session.endCheck(0);
    jest.advanceTimersByTime(10_000);
    expect(stirred).toBe(1);
  });

  it('rests when no agent is at work in it and nobody has looked for a minute', () => {
    const session = make();
    session.beginTurn();
    session.renew();
    jest.advanceTimersByTime(40_000);
    session.renew();
    jest.advanceTimersByTime(40_000);
    session.endTurn();
    expect(rested).toBe(0);
    jest.advanceTimersByTime(20_000);
    expect(rested).toBe(1);
    session.beginTurn();
    session.endTurn();
    expect(rested).toBe(2);
  });
});

describe('an active session whose files cannot be watched', () => {
  it('says so in the log, and is still checked when its agent does something', async () => {
    const path = await mkdtemp(join(tmpdir(), 'kosuke-test-active-'));
    await mkdir(join(path, '.git', 'refs', 'heads'), { recursive: true });
    const lines: string[] = [];
    const session = make(path, new WatchBudget(0), pino({ level: 'warn' }, { write: (line) => lines.push(line) }));
    await session.watch();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      session: 'abcdefghijkl',
      msg: expect.stringMatching(/watched/),
    });
    await new Promise<void>((resolve) => {
      const waiting = setInterval(() => {
        if (stirred === 0) return;
        clearInterval(waiting);
        resolve();
      }, 5);
      session.stir();
    });
    session.close();
    session.stir();
    await rm(path, { recursive: true });
  });
});
