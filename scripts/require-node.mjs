// Plain old syntax on purpose: it must run on the very versions that it turns away.
var parts = process.versions.node.split('.').map(Number)
var major = parts[0]
var minor = parts[1]
var supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
if (!supported) {
  process.stderr.write(
    'Stampede needs Node.js 20.19 or newer on the 20 line, or 22.12 and newer; this is ' +
      process.versions.node +
      '. Install a supported version and run the command again.\n',
  )
  process.exit(1)
}
