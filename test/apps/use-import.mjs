import 'express'

// Whether the import of an instrumented package has loaded this module of Node.js.
console.log(process.moduleLoadList.includes('NativeModule worker_threads'))
