const field = (name, number, type) => ({ name, number, type, label: 1, jsonName: name })
const method = (name, serverStreaming = false, clientStreaming = false) => ({
  name,
  inputType: '.shop.Item',
  outputType: '.shop.Item',
  serverStreaming,
  clientStreaming,
})

/** A service as `protoc-gen-es` makes one: `Get` gives one item, `List` a stream of them, `Upload` takes one, `Chat` does both. */
export async function shopOf(load) {
  const { create, createFileRegistry } = await load('@bufbuild/protobuf')
  const { FileDescriptorProtoSchema, FileDescriptorSetSchema } = await load('@bufbuild/protobuf/wkt')
  const file = create(FileDescriptorProtoSchema, {
    name: 'shop.proto',
    package: 'shop',
    syntax: 'proto3',
    messageType: [{ name: 'Item', field: [field('id', 1, 5), field('name', 2, 9)] }],
    service: [{ name: 'Shop', method: [
          method('Get'),
          method('List', true),
          method('Upload', false, true),
          method('Chat', true, true),
          method('Missing'),
        ] }],
  })
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('shop.Shop')
}
