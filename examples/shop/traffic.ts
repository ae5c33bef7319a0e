/** What customers do in a minute: looking, ordering, and asking for what is not there. Returns the number of requests. */
export async function sendTraffic(shopUrl: string): Promise<number> {
  let sent = 0
  const ask = async (path: string, body?: object): Promise<void> => {
    sent += 1
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    await (await fetch(shopUrl + path, body ? post : {})).text()
  }
  for (let round = 0; round < 10; round++) {
    await ask('/products')
    for (const id of [1, 2, 3]) await ask(`/products/${id}`)
    await ask('/orders', { productId: (round % 4) + 1, quantity: round + 1 })
  }
  for (const path of ['/availability', '/reports/orders', '/reports/sales', '/invoices/7']) await ask(path)
  await ask('/products/99')
  await ask('/orders', { productId: 4, quantity: 100_000 })
  await ask('/no/such/page')
  return sent
}
