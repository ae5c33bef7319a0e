declare module '@elastic/mockotlpserver' {
  export class MockOtlpServer {
    constructor(options: {
      readonly services: readonly ('grpc' | 'http' | 'ui')[]
      readonly grpcHostname: string
      /** 0: any free port. */
      readonly grpcPort: number
      readonly logLevel: string
      readonly onTrace: (request: Record<string, unknown>) => void
    })
    readonly grpcUrl: URL | null
    start(): Promise<void>
    close(): Promise<void>
  }
}
