import { adapterSuite } from '@stampede/conformance'
import { mount } from './mount.ts'

adapterSuite(mount)
