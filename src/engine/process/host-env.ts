/**
 * What a program gets of the environment of the command. A container sees nothing of it; a program of the host needs
 * to find other programs, its home and the proxy, and must not depend on what happens to be set in one shell.
 */
const PASSED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TZ',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'DOTNET_ROOT',
  'DOTNET_CLI_HOME',
  'DOTNET_CLI_TELEMETRY_OPTOUT',
  'NUGET_PACKAGES',
]);

export function passedEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (PASSED.has(name) || name.startsWith('LC_'))) passed[name] = value;
  }
  return passed;
}
