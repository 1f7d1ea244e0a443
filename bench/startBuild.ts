/** Starts the product as it is published. */

import { join } from 'node:path'
import { dataDirectory, type Product, startProduct } from '../test/support/product.ts'

/**
 * Starts the build, as a user does; `npm run build` comes first. Its `stop` removes its data directory.
 * @param env added to our own environment
 */
export async function startBuild(
  config: object | null,
  readyData: string | null,
  env: NodeJS.ProcessEnv = {},
): Promise<Product> {
  const data = dataDirectory(readyData === null ? null : join(readyData, 'models'))
  const product = await startProduct(data.path, config, 'build', env)
  const stop = async () => {
    const code = await product.stop()
    data.remove()
    return code
  }
  return { ...product, stop }
}
