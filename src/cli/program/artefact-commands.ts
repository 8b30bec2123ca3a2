import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, count, type Dispatch, examples, json, profile, withMesh } from './options.ts';

/** What is made from the manifest: files and images. */
export function addArtefactCommands(program: Command, dispatch: Dispatch): void {
  addGenerate(program, dispatch);
  addBuild(program, dispatch);
}

function addGenerate(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('generate'))
    .description('write docker-compose.yml and the Dockerfiles from mesh.yaml')
    .argument('[targets...]', 'compose, dockerfiles (default: all)')
    .option('--check', 'write nothing; exit 1 with a diff when a file differs')
    .option('--stdout', 'print the files instead of writing them')
    .option('--force', 'overwrite files that were edited by hand')
    .addOption(json())
    .addHelpText('after', examples(['mesh generate', 'mesh generate --check', 'mesh generate compose --stdout']))
    .action((targets, options) =>
      dispatch(async (io) => (await import('../commands/generate.ts')).generate({ ...options, targets }, io)),
    );
}

function addBuild(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('build'))
    .description('build the images of the services')
    .argument('[services...]', 'only these (default: all that can be built)')
    .option('--push', 'push the images to their registry')
    .option('--registry <host/path>', 'put this in front of the names of the images')
    .addOption(list('--tag <template>', 'tag them so; {version}, {sha} and {branch} are replaced (repeatable)'))
    .addOption(list('--platform <os/arch>', 'build for these platforms (repeatable, or with commas)'))
    .option('--load', 'keep them on this machine as well when they are pushed')
    .addOption(list('--cache-from <cache>', 'use this cache; {service} is replaced (repeatable)'))
    .addOption(list('--cache-to <cache>', 'export the cache there; {service} is replaced (repeatable)'))
    .option('--sbom', 'attach a list of what is in them')
    .option('--provenance [mode]', 'attach how they were built: min, max, or false for none')
    .option('--no-cache', 'build all, and do not use cached steps')
    .option('--pull', 'build all, and look for newer base images')
    .option('--affected', 'only those that changed since a revision of git')
    .option('--since <revision>', 'that revision (default: where the branch began)')
    .option('--jobs <number>', 'how many at once (default: as many as fit into memory)', jobs)
    .option('--metadata <file>', 'write digests and names of the images to this file')
    .option('--verify', 'start each image and check user, ports, entry point and readiness')
    .option('--print', 'print the definition for docker buildx bake, and build nothing')
    .option('--dry-run', 'print what would be built and why, and build nothing')
    .addOption(new Option('--output <form>', 'how progress is shown').choices(['plain', 'json', 'github']))
    .addOption(profile())
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh build',
        'mesh build gateway discovery',
        'mesh build --affected --since origin/main --dry-run',
        'mesh build --push --registry ghcr.io/acme/shop --tag {sha} --tag {branch} --output github',
      ]),
    )
    .action((services, options) =>
      dispatch(async (io) => (await import('../commands/build.ts')).build({ ...options, services }, io)),
    );
}

function list(flags: string, description: string): Option {
  return new Option(flags, description).default([] as string[]).argParser(collect);
}

function jobs(text: string): number {
  const number = count(text);
  if (number === 0) throw new InvalidArgumentError('Expected at least 1.');
  return number;
}
