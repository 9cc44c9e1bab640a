#!/usr/bin/env node
// npm links a bin only when its file exists at installation, so this one is in the repository and dist/ is not.
import '../dist/bin.js'
