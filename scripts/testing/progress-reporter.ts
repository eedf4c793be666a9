import { mkdirSync, writeFileSync } from 'node:fs'
import { DefaultReporter, type TestModule, type TestRunEndReason, type TestSpecification } from 'vitest/node'

const FOLDER = 'reports/counts'
const STEPS = 10

/**
 * Shows how far a run is, and what failed: neither each file that passed nor the slow ones among its tests. Leaves the
 * counts for the closing line of CI in a file of the run's name.
 */
export class ProgressReporter extends DefaultReporter {
  readonly #run: string
  readonly #counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
  #files = 0
  #ended = 0

  constructor(run: string) {
    super()
    this.#run = run
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length
    super.onTestRunStart(specifications)
  }

  override printTestModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#counts[test.result().state] += 1
    this.#ended += 1
    if (module.state() === 'failed') super.printTestModule(module)
    // A terminal has the live summary.
    if (!this.isTTY) this.#showStep()
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: Parameters<DefaultReporter['onTestRunEnd']>[1],
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason)
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(`${FOLDER}/${this.#run}.json`, JSON.stringify(this.#counts))
  }

  #showStep(): void {
    const step = (ended: number): number => Math.floor((ended * STEPS) / this.#files)
    if (step(this.#ended) === step(this.#ended - 1)) return
    const { passed, failed } = this.#counts
    const share = String((step(this.#ended) * 100) / STEPS).padStart(3)
    this.log(`${share} %  ${this.#ended} of ${this.#files} files, ${passed} passed, ${failed} failed`)
  }
}
