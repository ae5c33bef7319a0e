import { render } from 'preact'
import { connect } from './event-stream.ts'
import { Store } from './model/store.ts'
import { App } from './views/app.tsx'

const store = new Store()
const root = document.getElementById('app')
if (root !== null) render(<App store={store} />, root)
connect(store)
