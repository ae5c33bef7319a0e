void import('../serve.mjs').then(({ serve }) => serve((name) => require(name)))
