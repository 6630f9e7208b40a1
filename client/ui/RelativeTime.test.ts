import { shortTime } from './RelativeTime.tsx';

describe('short times', () => {
  const now = new Date(2026, 2, 13, 15, 0).getTime();
  it.each([
    [new Date(2026, 2, 13, 14, 59, 30), 'now'],
    [new Date(2026, 2, 13, 14, 56), '4m'],
    [new Date(2026, 2, 13, 10, 0), '5h'],
    [new Date(2026, 2, 12, 15, 0), 'yesterday'],
    [new Date(2026, 2, 10, 15, 0), 'Tue'],
    [new Date(2026, 1, 3, 15, 0), 'Feb 3'],
  ])('%s is %s', (date, expected) => {
    expect(shortTime(date, now)).toBe(expected);
  });
});
