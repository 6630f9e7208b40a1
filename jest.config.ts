/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const swc = (decorators: boolean): Config['transform'] => ({
  '^.+\\.tsx?$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', tsx: !decorators, decorators },
        transform: decorators
          ? { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false }
          : { react: { runtime: 'automatic' } },
      },
      module: { type: 'es6' },
    },
  ],
});

export default {
  projects: [
    {
      displayName: 'api',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/api/**/*.test.ts'],
      extensionsToTreatAsEsm: ['.ts'],
      transform: swc(true),
      setupFilesAfterEnv: ['<rootDir>/api/test/time-limit.ts'],
      globalSetup: '<rootDir>/api/test/global-setup.ts',
      globalTeardown: '<rootDir>/api/test/global-teardown.ts',
    },
    {
      displayName: 'browser',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/client/test/browser/**/*.test.ts'],
      extensionsToTreatAsEsm: ['.ts'],
      transform: swc(true),
      setupFilesAfterEnv: ['<rootDir>/api/test/time-limit.ts'],
      globalSetup: '<rootDir>/api/test/global-setup.ts',
      globalTeardown: '<rootDir>/api/test/global-teardown.ts',
    },
    {
      displayName: 'client',
      testEnvironment: 'jsdom',
      testMatch: ['<rootDir>/client/**/*.test.{ts,tsx}'],
      testPathIgnorePatterns: ['<rootDir>/client/test/browser/'],
      extensionsToTreatAsEsm: ['.ts', '.tsx'],
      transform: swc(false),
      moduleNameMapper: { '\\.css$': '<rootDir>/client/test/empty-module.ts' },
      setupFilesAfterEnv: ['<rootDir>/client/test/setup.ts'],
    },
  ],
} satisfies Config;
