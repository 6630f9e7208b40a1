import 'reflect-metadata';
import { readConfig } from './api/config.ts';
import { createDataSource } from './api/database/data-source.ts';

const { databaseUrl } = readConfig(process.env, []);
if (!databaseUrl) throw new Error('The migration command needs DATABASE_URL.');

export default createDataSource({ url: databaseUrl, printsProgress: true });
