import { otherCases } from '@stampede/conformance'
import { mount } from './mount.ts'

otherCases(mount)
