import { expect, test } from 'vitest';
import { containerAddress } from '../../../src/mesh/address.ts';
import type { Protocol } from '../../../src/mesh/mesh.ts';
import type { AddressProperty } from '../../../src/mesh/value.ts';
import { endpoint, meshWith, nodeWith } from '../render/mesh-builder.ts';

const read = (protocol: Protocol, property: AddressProperty) => {
  const mesh = meshWith({ nodes: [nodeWith({ name: 'api', endpoints: [endpoint('main', protocol, 80, 5010)] })] });
  return containerAddress(mesh, { kind: 'address', node: 'api', endpoint: 'main', property });
};

test.each<[Protocol, string]>([
  ['http', 'http://api:80'],
  ['h2c', 'http://api:80'],
  ['postgres', 'postgres://api:80'],
  ['redis', 'redis://api:80'],
  ['amqp', 'amqp://api:80'],
  ['tcp', 'tcp://api:80'],
  ['udp', 'udp://api:80'],
])('the url of a %s endpoint is %s, with the port inside the container', (protocol, expected) => {
  expect(read(protocol, 'url')).toBe(expected);
});

test.each<[AddressProperty, string]>([
  ['host', 'api'],
  ['port', '80'],
  ['address', 'api:80'],
])('%s is %s', (property, expected) => {
  expect(read('http', property)).toBe(expected);
});
