import { expect, test } from 'vitest';
import { containerPorts, portNameOf, servicePorts } from '../../../../src/render/kubernetes/ports.ts';
import { endpoint, nodeWith } from '../mesh-builder.ts';

test('a port has the name of its endpoint, and says what is spoken there', () => {
  const node = nodeWith({
    name: 'api',
    endpoints: [endpoint('http', 'http', 80), endpoint('grpc', 'h2c', 50051), endpoint('dns', 'udp', 53)],
  });
  expect(servicePorts(node)).toEqual([
    { name: 'http', port: 80, targetPort: 'http', appProtocol: 'http' },
    { name: 'grpc', port: 50051, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' },
    { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
  ]);
});

test.each(['an-endpoint-of-16', 'two--dashes'])('%s is no name of a port, so its number is the name', (name) => {
  const node = nodeWith({ name: 'api', endpoints: [endpoint(name, 'tcp', 7000), endpoint(`${name}u`, 'udp', 7000)] });
  expect(containerPorts(node).map((port) => port.name)).toEqual(['port-7000', 'port-7000-udp']);
});

test('endpoints that share a port are one port', () => {
  const admin = endpoint('admin', 'http', 80);
  const node = nodeWith({ name: 'api', endpoints: [endpoint('http', 'http', 80), admin] });
  expect(containerPorts(node)).toEqual([{ name: 'http', containerPort: 80 }]);
  expect(portNameOf(node, admin)).toBe('http');
});
