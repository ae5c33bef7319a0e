exports.load = async (name) => {
  const loaded = require(name)
  // The names of an import and those of a require, alike.
  return loaded.default === undefined ? Object.create(loaded, { default: { value: loaded } }) : loaded
}
