import * as z from 'zod';
import { environmentVariable, filledText, settingValue } from './schema-words.ts';

/** The schema of `build`. Short forms and descriptions are as in `schema.ts`, which this is a part of. */

const relativePath = z.string('a path relative to the manifest').min(1, 'a path relative to the manifest');

const access = {
  secrets: z
    .array(filledText)
    .optional()
    .describe('secrets of this manifest that its RUN steps can mount by name; they end up in no layer'),
  trust: z
    .enum(['host', 'none'])
    .optional()
    .describe(
      'whether builds get the certificate authority that this machine trusts, as the secret `ca`; `host` when not given, `none` for your own Dockerfile',
    ),
};

export const buildSchema = z
  .union([
    z.strictObject({
      dotnet: relativePath.describe('the folder of the project; its .csproj has the name of the folder'),
      context: relativePath.optional().describe('the folder with all sources; the root of the project when not given'),
      references: z
        .array(relativePath)
        .optional()
        .describe(
          'the folders of all projects that it refers to, each after those that it refers to itself; only read where its .csproj is not there, since that says it',
        ),
      sdk: filledText.optional().describe('the image that builds; mcr.microsoft.com/dotnet/sdk:8.0 when not given'),
      runtime: filledText
        .optional()
        .describe('the image that runs; mcr.microsoft.com/dotnet/aspnet:8.0 when not given'),
      ...access,
    }),
    z.strictObject({
      node: relativePath.describe('the folder with package.json'),
      entry: filledText.describe('the script to run, relative to that folder'),
      script: filledText.optional().describe('the npm script that compiles; none when there is nothing to compile'),
      base: filledText.optional().describe('the image that builds and runs; node:22-bookworm-slim when not given'),
      manager: z.enum(['npm', 'pnpm', 'yarn']).optional().describe('whose lock file it has; npm when not given'),
      workspace: relativePath
        .optional()
        .describe('the root of its workspace, which has the lock file; the package stands alone when not given'),
      ...access,
    }),
    z.strictObject({
      dockerfile: relativePath.describe('your own Dockerfile'),
      context: relativePath.optional().describe('the folder of the Dockerfile when not given'),
      target: filledText.optional().describe('the stage to build'),
      args: z.record(environmentVariable, settingValue).optional().describe('build arguments'),
      ...access,
    }),
  ])
  .describe('how the image is made: one of `dotnet`, `node` or `dockerfile`');
