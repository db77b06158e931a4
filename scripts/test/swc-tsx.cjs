// Preloaded into dependency-cruiser: its swc parser never switches JSX on (its own «TODO: {tj}sx ?»), so .tsx files fail.
const { Compiler } = require('@swc/core');

const parseFileSync = Compiler.prototype.parseFileSync;
Compiler.prototype.parseFileSync = function withJsx(path, options) {
  return parseFileSync.call(this, path, { ...options, tsx: path.endsWith('.tsx') });
};
