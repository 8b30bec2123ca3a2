import { describe, expect, it, test } from 'vitest';
import type { Build } from '../../../../src/mesh/build.ts';
import type { HostedService } from '../../../../src/report/env/hosted-service.ts';
import { printVsCodeLaunch } from '../../../../src/report/env/print-vscode-launch.ts';

const NODE: Build = {
  kind: 'node',
  context: 'services/gateway',
  entry: 'dist/src/server.js',
  script: 'build',
  baseImage: 'node:22-bookworm-slim',
};

const DOTNET: Build = {
  kind: 'dotnet',
  project: 'src/ToskaMesh.Gateway',
  assembly: 'ToskaMesh.Gateway',
  context: '.',
  sdkImage: 'mcr.microsoft.com/dotnet/sdk:8.0',
  runtimeImage: 'mcr.microsoft.com/dotnet/aspnet:8.0',
};

function nodeService(changes: Partial<HostedService> = {}): HostedService {
  return {
    name: 'gateway',
    env: [
      { name: 'Jwt__Secret', value: 'say "no"\nnever' },
      { name: 'Logging.Level', value: 'debug' },
    ],
    cwd: '/home/dev/shop/services/gateway',
    argv: ['/usr/bin/node', 'dist/src/server.js'],
    build: NODE,
    root: '/home/dev/shop',
    ...changes,
  };
}

function dotnetService(changes: Partial<HostedService> = {}): HostedService {
  const cwd = '/home/dev/shop/src/ToskaMesh.Gateway';
  return {
    name: 'gateway',
    env: [{ name: 'ASPNETCORE_URLS', value: 'http://127.0.0.1:5000' }],
    cwd,
    argv: ['/usr/bin/dotnet', 'run', '--no-build', '--no-launch-profile', '-c', 'Release', '--project', cwd],
    build: DOTNET,
    root: '/home/dev/shop',
    ...changes,
  };
}

function launch(service: HostedService): Record<string, unknown> {
  return JSON.parse(printVsCodeLaunch(service).text);
}

describe('a node build', () => {
  it('is a program of Node with its source maps', () => {
    expect(printVsCodeLaunch(nodeService()).text).toMatchInlineSnapshot(`
      "{
        "type": "node",
        "request": "launch",
        "name": "gateway (mesh)",
        "program": "\${workspaceFolder}/services/gateway/dist/src/server.js",
        "cwd": "\${workspaceFolder}/services/gateway",
        "env": {
          "Jwt__Secret": "say \\"no\\"\\nnever",
          "Logging.Level": "debug"
        },
        "console": "integratedTerminal",
        "skipFiles": [
          "<node_internals>/**"
        ],
        "outFiles": [
          "\${workspaceFolder}/services/gateway/dist/**/*.(m|c|)js",
          "!**/node_modules/**"
        ]
      }
      "
    `);
  });

  it('looks for no source maps when nothing compiles it', () => {
    const build: Build = { ...NODE, context: '.', entry: 'server.js', script: undefined };
    const service = nodeService({ build, cwd: '/home/dev/shop', argv: ['node', 'server.js'] });
    expect(launch(service)).toMatchObject({ program: '${workspaceFolder}/server.js', cwd: '${workspaceFolder}' });
    expect(launch(service)).not.toHaveProperty('outFiles');
  });

  it('looks in the whole package when that is where the compiler writes to', () => {
    const service = nodeService({ build: { ...NODE, entry: './server.mjs' }, argv: ['node', './server.mjs'] });
    expect(launch(service)).toMatchObject({
      program: '${workspaceFolder}/services/gateway/server.mjs',
      outFiles: ['${workspaceFolder}/services/gateway/**/*.(m|c|)js', '!**/node_modules/**'],
    });
  });

  it('keeps what mesh tells Node and the program', () => {
    const argv = ['node', '--enable-source-maps', '/home/dev/shop/services/gateway/dist/src/server.js', '--verbose'];
    expect(launch(nodeService({ argv }))).toMatchObject({ runtimeArgs: ['--enable-source-maps'], args: ['--verbose'] });
  });

  it.each([[['npm', 'run', 'dev']], [['npx', 'tsx', 'dist/src/server.js']], [['node', 'other.js']]])(
    'that mesh starts in another way starts in a terminal: %j',
    (argv) => {
      expect(launch(nodeService({ argv }))).toMatchObject({ type: 'node-terminal', command: argv.join(' ') });
    },
  );
});

describe('a dotnet build', () => {
  it('is its built dll, without launchSettings.json', () => {
    const { text, problems } = printVsCodeLaunch(dotnetService());
    expect(text).toMatchInlineSnapshot(`
      "{
        "type": "coreclr",
        "request": "launch",
        "name": "gateway (mesh)",
        "program": "\${workspaceFolder}/src/ToskaMesh.Gateway/bin/Debug/net8.0/ToskaMesh.Gateway.dll",
        "args": [],
        "cwd": "\${workspaceFolder}/src/ToskaMesh.Gateway",
        "env": {
          "ASPNETCORE_URLS": "http://127.0.0.1:5000"
        },
        "launchSettingsProfile": "",
        "console": "integratedTerminal"
      }
      "
    `);
    expect(problems).toEqual([]);
  });

  it.each([
    ['mcr.microsoft.com/dotnet/aspnet:9.0-alpine', 'net9.0'],
    ['localhost:5000/aspnet:10.0.1-noble@sha256:8f0', 'net10.0'],
    ['company/base:latest', 'net8.0'],
  ])('of %s was built for %s', (runtimeImage, framework) => {
    const program = `\${workspaceFolder}/src/ToskaMesh.Gateway/bin/Debug/${framework}/ToskaMesh.Gateway.dll`;
    expect(launch(dotnetService({ build: { ...DOTNET, runtimeImage } }))).toMatchObject({ program });
  });

  it('says that it assumes a version when no image tells one', () => {
    const build = { ...DOTNET, runtimeImage: 'localhost:5000/base', sdkImage: 'sdk' };
    expect(printVsCodeLaunch(dotnetService({ build })).problems).toEqual([
      'gateway: localhost:5000/base does not say for which .NET it is, so "program" assumes net8.0',
    ]);
  });

  it.each([
    [['dotnet', 'run', '--project', 'x', '--', '--seed', '1']],
    [['C:\\Program Files\\dotnet\\dotnet.exe', 'bin/Release/ToskaMesh.Gateway.dll', '--seed', '1']],
  ])('gets its own arguments: %j', (argv) => {
    expect(launch(dotnetService({ argv }))).toMatchObject({ type: 'coreclr', args: ['--seed', '1'] });
  });

  it('that mesh starts in another way starts in a terminal', () => {
    const argv = ['dotnet', 'watch', 'run'];
    expect(launch(dotnetService({ argv }))).toMatchObject({ type: 'node-terminal', command: 'dotnet watch run' });
  });
});

test('any other service is a command in a terminal', () => {
  const argv = ['/home/dev/shop/tools/run.sh', '--title', "it's here", '/opt/data'];
  const service = nodeService({ build: undefined, argv, env: [], cwd: '/home/dev/shop/tools/' });
  expect(printVsCodeLaunch(service).text).toMatchInlineSnapshot(`
    "{
      "type": "node-terminal",
      "request": "launch",
      "name": "gateway (mesh)",
      "command": "'\${workspaceFolder}/tools/run.sh' --title 'it'\\\\''s here' /opt/data",
      "cwd": "\${workspaceFolder}/tools/",
      "env": {},
      "skipFiles": [
        "<node_internals>/**"
      ]
    }
    "
  `);
});

describe('paths', () => {
  it('outside of the workspace stay absolute', () => {
    const argv = ['node', '/home/dev/shop-api/server.js'];
    const build: Build = { ...NODE, context: '../shop-api', entry: 'server.js', script: undefined };
    expect(launch(nodeService({ argv, build, cwd: '/home/dev/shop-api' }))).toMatchObject({
      program: '/home/dev/shop-api/server.js',
      cwd: '/home/dev/shop-api',
    });
  });

  it('of Windows get forward slashes', () => {
    const cwd = 'C:\\dev\\shop\\services\\gateway';
    const argv = ['C:\\node\\node.exe', 'dist/src/server.js'];
    expect(launch(nodeService({ root: 'C:\\dev\\shop', cwd, argv }))).toMatchObject({
      type: 'node',
      program: '${workspaceFolder}/services/gateway/dist/src/server.js',
      cwd: '${workspaceFolder}/services/gateway',
    });
  });
});

test('a value in which VS Code would replace something is reported, without the value', () => {
  const env = [
    { name: 'TEMPLATE', value: 'hello ${env:HOME}' },
    { name: 'PRICE', value: '$5 {now}' },
  ];
  const { text, problems } = printVsCodeLaunch(nodeService({ env }));
  expect(JSON.parse(text)).toMatchObject({ env: { TEMPLATE: 'hello ${env:HOME}', PRICE: '$5 {now}' } });
  expect(problems).toEqual([
    'TEMPLATE: VS Code takes ${…} in its value for a variable of its own; an envFile keeps it as it is',
  ]);
});
