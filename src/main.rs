//! The command line `superpose`. Everything that touches files, terminals or the clock lives here and in `cli/`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
