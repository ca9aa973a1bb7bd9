//! Is there a scheduler, and has it executors? Asked before anything is sent, because a job on a
//! cluster without executors waits, and says nothing.

use crate::ClusterFault;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// The number of executors that the scheduler knows, by its readiness page.
pub async fn executors(address: &str, patience: Duration) -> Result<usize, ClusterFault> {
    let missing = |why: String| ClusterFault::NoScheduler { address: address.to_owned(), why };
    let late = |_| missing(format!("no answer within {} s", patience.as_secs()));
    let connected = tokio::time::timeout(patience, TcpStream::connect(address)).await.map_err(late)?;
    let stream = connected.map_err(|e| missing(e.to_string()))?;
    let answer = tokio::time::timeout(patience, ask(address, stream)).await.map_err(late)?;
    // Whoever listens and breaks off is something else.
    let answer = answer.unwrap_or_else(|e| e.to_string());
    match count(&answer) {
        Some(0) => Err(ClusterFault::NoExecutor { address: address.to_owned() }),
        Some(executors) => Ok(executors),
        None => {
            let found = answer.lines().next().unwrap_or("nothing").chars().take(80).collect();
            Err(ClusterFault::NotAScheduler { address: address.to_owned(), found })
        }
    }
}

async fn ask(address: &str, mut stream: TcpStream) -> std::io::Result<String> {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Reads `ready: 2 executors registered` and `not ready: 0/1 executors registered`.
fn count(answer: &str) -> Option<usize> {
    let line = answer.lines().find(|l| l.ends_with(" executors registered"))?;
    let (_, rest) = line.split_once("ready: ")?;
    rest.split([' ', '/']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readiness_page_says_how_many_executors_there_are() {
        let page = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{body}\n");
        assert_eq!(count(&page("ready: 2 executors registered")), Some(2));
        assert_eq!(count(&page("not ready: 0/1 executors registered")), Some(0));
        assert_eq!(count(&page("<!doctype html>")), None);
    }

    #[tokio::test]
    async fn an_address_where_nobody_listens_is_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let fault = executors(&address, Duration::from_secs(5)).await.unwrap_err();
        assert!(matches!(fault, ClusterFault::NoScheduler { .. }), "{fault}");
        assert!(fault.to_string().contains(&address) && fault.zh().contains(&address));
    }

    #[tokio::test]
    async fn a_listener_that_never_answers_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let fault = executors(&address, Duration::from_millis(200)).await.unwrap_err();
        assert!(matches!(fault, ClusterFault::NoScheduler { .. }), "{fault}");
    }
}
