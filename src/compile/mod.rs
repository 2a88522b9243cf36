//! Circuit to network: codes, one file per construction, read-offs.
