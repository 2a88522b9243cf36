//! Circuit and network to report: the error of every gate.
