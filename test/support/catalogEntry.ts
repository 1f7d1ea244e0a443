/** What the registry says about a model of a test. */

import type { CatalogEntry } from '../../src/models/readCatalog.ts'

export const FACTS: Pick<CatalogEntry, 'license' | 'languages' | 'gflops' | 'imagenet'> = {
  license: { name: 'MIT', url: 'https://example.org/license' },
  languages: 'English',
  gflops: { value: 17.64, source: 'a paper' },
  imagenet: { value: 63.32, source: 'a table' },
}
