import { chosenCases } from '@stampede/conformance'
import { mount } from './mount.ts'

chosenCases(mount)
