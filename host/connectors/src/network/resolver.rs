//! From the name of a host to its addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::NetworkPolicy;

/// The addresses of a host that is being asked for.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Asks for the addresses of a name.
pub trait Lookup: Send + Sync {
    /// Its addresses, with the port.
    fn addresses(&self, host: &str, port: u16) -> Found;
}

/// Asks the system.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, host: &str, port: u16) -> Found {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// Resolves names for connections to one port. A client connects to what this gives and asks nobody else, so what was
/// checked is what is asked.
pub(super) struct GuardedResolver {
    pub(super) policy: Arc<NetworkPolicy>,
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) port: u16,
}

/// Resolves the name of the proxy. Who names a proxy grants its address.
pub(super) struct ProxyResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) port: u16,
}

impl Resolve for ProxyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.addresses(name.as_str(), self.port);
        Box::pin(async move { Ok(Box::new(found.await?.into_iter()) as Addrs) })
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, port) = (Arc::clone(&self.policy), self.port);
        let found = self.lookup.addresses(name.as_str(), port);
        Box::pin(async move {
            let (mut granted, mut refusal) = (Vec::new(), None);
            for address in found.await? {
                match policy.check_address(name.as_str(), address) {
                    Ok(()) => granted.push(address),
                    Err(refused) => refusal = Some(refused),
                }
            }
            match refusal {
                // A name with addresses of both kinds is asked where it may be.
                Some(refusal) if granted.is_empty() => Err(refusal.into()),
                _ if granted.is_empty() => {
                    Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into())
                }
                _ => Ok(Box::new(granted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::network::NetworkRefusal;

    /// Answers one after the other.
    struct Scripted(Mutex<Vec<Vec<&'static str>>>);

    impl Lookup for Scripted {
        fn addresses(&self, _: &str, port: u16) -> Found {
            let answer = self.0.lock().expect("no panic").remove(0);
            let addresses = answer.iter().map(|address| SocketAddr::new(address.parse().expect("an address"), port));
            let addresses: Vec<_> = addresses.collect();
            Box::pin(async move { Ok(addresses) })
        }
    }

    fn resolver(answers: &[&[&'static str]], private: &[&str]) -> GuardedResolver {
        let grant = |policy: NetworkPolicy, address: &&str| policy.with_private(address).expect("an address");
        GuardedResolver {
            policy: Arc::new(private.iter().fold(NetworkPolicy::default(), grant)),
            lookup: Arc::new(Scripted(Mutex::new(answers.iter().map(|answer| answer.to_vec()).collect()))),
            port: 443,
        }
    }

    async fn ask(resolver: &GuardedResolver) -> Result<Vec<String>, String> {
        let found = resolver.resolve("shop.example".parse().expect("a name")).await;
        found.map(|found| found.map(|address| address.to_string()).collect()).map_err(|error| {
            error.downcast_ref::<NetworkRefusal>().map_or_else(|| error.to_string(), ToString::to_string)
        })
    }

    #[tokio::test]
    async fn names_lead_to_public_addresses_only() {
        for (answer, private, expected) in [
            (&["93.184.216.34"][..], &[][..], Ok(vec!["93.184.216.34:443".to_owned()])),
            (&["10.0.0.1", "93.184.216.34"], &[], Ok(vec!["93.184.216.34:443".to_owned()])),
            (&["10.0.0.1"], &["10.0.0.1:443"], Ok(vec!["10.0.0.1:443".to_owned()])),
            (
                &["10.0.0.1"],
                &["10.0.0.1:80"],
                Err("the host `shop.example` is at the private address 10.0.0.1:443".to_owned()),
            ),
            (
                &["::ffff:169.254.169.254"],
                &[],
                Err("the host `shop.example` is at the private address 169.254.169.254:443".to_owned()),
            ),
            (&[], &[], Err("the name has no address".to_owned())),
        ] {
            assert_eq!(ask(&resolver(&[answer], private)).await, expected, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_changes_its_address_is_seen_each_time() {
        let resolver = resolver(&[&["93.184.216.34"], &["127.0.0.1"]], &[]);
        assert!(ask(&resolver).await.is_ok());
        assert_eq!(
            ask(&resolver).await,
            Err("the host `shop.example` is at the private address 127.0.0.1:443".to_owned())
        );
    }
}
