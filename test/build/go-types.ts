/** The programs in Go that read what we write with the types of Grafana and of the Prometheus operator. */
import { goProgram } from '../support/go-program.ts';

export const grafanaTypes = goProgram('build/grafana', 'build/grafana-types');
export const operatorTypes = goProgram('build/operator', 'build/operator-types');
