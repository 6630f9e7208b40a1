import 'reflect-metadata';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { EVENT_CHANNEL } from '../events/event-bus.ts';
import { topic } from '../events/topic.ts';
import { createTestDatabase, type TestDatabase } from '../test/test-database.ts';
import { openDatabase } from './data-source.ts';
import { UnitOfWork } from './unit-of-work.ts';

const thingMade = topic<{ id: number; note?: string }>('thing.made');

let database: TestDatabase;
let dataSource: DataSource;
let work: UnitOfWork;
let listener: pg.Client;
let heard: unknown[];

beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = await openDatabase({ url: database.url });
  work = new UnitOfWork(dataSource);
  heard = [];
  listener = new pg.Client({ connectionString: database.url });
  await listener.connect();
  await listener.query(`LISTEN ${EVENT_CHANNEL}`);
  listener.on('notification', ({ payload }) => heard.push(JSON.parse(payload ?? 'null')));
});
afterEach(async () => {
  await listener.end();
  await dataSource.destroy();
  await database.drop();
});

const addProject = (name: string) => `INSERT INTO projects (name) VALUES ('${name}')`;
const count = async (table: string): Promise<number> =>
  (await dataSource.query(`SELECT count(*)::int AS count FROM ${table}`))[0].count;

/** Notices arrive before the answer to a query that is sent after the commit. */
const heardSoFar = async () => {
  await listener.query('SELECT 1');
  return heard;
};

describe('a unit of work', () => {
  it('stores, tells and queues all at once', async () => {
    const result = await work.run(async (tx) => {
      await tx.db.query(addProject('one'));
      tx.publish(thingMade, '7', { id: 1 });
      tx.publish(thingMade, '7', { id: 2 });
      await tx.addJob('clean', { id: 1 }, { queueName: 'q', jobKey: 'k' });
      expect(await heardSoFar()).toEqual([]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await count('projects')).toBe(1);
    expect(await heardSoFar()).toEqual([
      { topic: 'thing.made', key: '7', payload: { id: 1 } },
      { topic: 'thing.made', key: '7', payload: { id: 2 } },
    ]);
    await expect(
      dataSource.query('SELECT task_identifier, queue_name, key, max_attempts, attempts FROM graphile_worker.jobs'),
    ).resolves.toEqual([{ task_identifier: 'clean', queue_name: 'q', key: 'k', max_attempts: 1, attempts: 0 }]);
  });

  it('that fails leaves nothing behind', async () => {
    const failing = work.run(async (tx) => {
      await tx.db.query(addProject('one'));
      tx.publish(thingMade, '7', { id: 1 });
      await tx.addJob('clean', {});
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await count('projects')).toBe(0);
    expect(await count('graphile_worker.jobs')).toBe(0);
    expect(await heardSoFar()).toEqual([]);
  });

  it('says at once that an event is too long to be sent', async () => {
    const failing = work.run(async (tx) => tx.publish(thingMade, '7', { id: 1, note: 'ä'.repeat(4000) }));
    await expect(failing).rejects.toThrow('The event thing.made is too long; publish ids.');
  });
});
