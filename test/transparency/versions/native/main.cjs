require('../../run.cjs').run(require, 'require')
