import { mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../../../src/engine/process/client/connection.ts';
import { serve } from '../../../../src/engine/process/supervisor/serve.ts';
import type { Supervisor } from '../../../../src/engine/process/supervisor/supervisor.ts';
import { createTemporaryFolder } from '../../temporary-folder.ts';

const NOTHING: Supervisor = {
  forwards: { list: () => [], set: async () => {}, reopen: async () => [], close: () => {} },
  records: () => [],
  find: () => undefined,
  put: () => {
    throw new Error('nothing is put');
  },
  remove: async () => {},
  stopAll: async () => {},
  saveAgain: () => {},
  isBusy: () => false,
};

function serveIn(socket: string, makeFolder: () => void) {
  return serve({ socket, makeFolder, supervisor: () => NOTHING, retire: () => {}, onConnections: () => {} });
}

test('the folder of the socket is made again when somebody has removed it', async () => {
  using folder = createTemporaryFolder();
  const socket = path.join(folder.path, 'shared/s.sock');
  const serving = await serveIn(socket, () => mkdirSync(path.dirname(socket)));
  const connection = await connect(socket);
  expect(await connection?.ask('list', {})).toEqual({ instances: [] });
  connection?.close();
  serving.close();
});

test('a folder that is removed each time is an error in the end', async () => {
  using folder = createTemporaryFolder();
  const socket = path.join(folder.path, 'shared/s.sock');
  const makeAndLose = () => {
    mkdirSync(path.dirname(socket));
    rmdirSync(path.dirname(socket));
  };
  await expect(serveIn(socket, makeAndLose)).rejects.toThrow(/EACCES|ENOENT/);
});
