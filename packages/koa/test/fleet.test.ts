import { fleetSuite } from '@stampede/conformance'
import { mount } from './mount.ts'

fleetSuite(mount)
