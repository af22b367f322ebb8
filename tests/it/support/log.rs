//! The log of the whole process, captured at its most talkative; each app searches what was written since it began.

use std::io;
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

static CAPTURED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Capture;

impl io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Capture {
    type Writer = Capture;

    fn make_writer(&'a self) -> Capture {
        Capture
    }
}

/// Turns the capture on; answers how much there is already.
pub fn begin() -> usize {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let everything = tracing_subscriber::fmt()
            .with_env_filter("grantor=trace,actix_web=trace,actix_http=debug,info")
            .with_ansi(false)
            .with_writer(Capture)
            .finish();
        tracing::subscriber::set_global_default(everything).expect("the only subscriber");
    });
    CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// What was logged since.
pub fn since(start: usize) -> String {
    let captured = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&captured[start..]).into_owned()
}
