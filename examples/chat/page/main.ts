import { connect } from 'hotline/client'

console.log(connect)
