import 'reflect-metadata';
import { BadPage, decodeCursor, encodeCursor, pageSize } from './connection.ts';

const raw = (text: string) => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('comes back as it went, beyond the numbers of JavaScript', () => {
    const place = { value: 'Übung & "quotes"', key: '900719925474099312' };
    expect(decodeCursor(encodeCursor(place), { value: 'text', key: 'integer' })).toEqual(place);
  });

  it.each([
    ['no base64 at all', '%%%'],
    ['no JSON', raw('hello')],
    ['a list', raw('[1]')],
    ['null', raw('null')],
    ['a field short', raw('{"value":"a"}')],
    ['a number', raw('{"value":"a","key":1}')],
    ['words for a number', raw('{"value":"a","key":"1; DROP TABLE users"}')],
    ['a number too long', raw(`{"value":"a","key":"${'9'.repeat(19)}"}`)],
    ['a NUL character', raw('{"value":"a\\u0000","key":"1"}')],
    ['a long text', raw(`{"value":"${'a'.repeat(1001)}","key":"1"}`)],
  ])('made up as %s is refused as bad input', (_, cursor) => {
    expect(() => decodeCursor(cursor, { value: 'text', key: 'integer' })).toThrow(BadPage);
  });

  it('is refused with a code', () => {
    expect(() => decodeCursor('x', {})).toThrow(expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }));
  });
});

describe('the size of a page', () => {
  it('is what was asked for, up to 100', () => {
    expect([pageSize(0), pageSize(1), pageSize(100)]).toEqual([0, 1, 100]);
  });

  it.each([-1, 101, 1.5, Number.NaN])('is never %p', (size) => {
    expect(() => pageSize(size)).toThrow('A page has 0 to 100 items');
  });
});
