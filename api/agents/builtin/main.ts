import { Readable, Writable } from 'node:stream';
import { ndJsonStream } from '@agentclientprotocol/sdk';
import { createBuiltinAgent } from './agent.ts';

const { app, stop } = createBuiltinAgent('0.1.0');
const output = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;
const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
const connection = app.connect(ndJsonStream(output, input));

await connection.closed;
// Without a client nobody could stop what is still running.
stop();
process.exit(0);
