import { hostileSuite } from '@stampede/conformance'
import { mount } from './mount.ts'

hostileSuite(mount)
