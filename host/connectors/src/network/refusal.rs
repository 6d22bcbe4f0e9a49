use std::net::SocketAddr;

/// Why a host is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkRefusal {
    /// The configuration names the hosts that may be asked, and this is none of them.
    #[error("the host `{host}` is not among those that the project may reach")]
    UnlistedHost {
        /// The host.
        host: String,
    },
    /// Requests go through a proxy, and the configuration does not name the hosts that may be asked.
    #[error("the host `{host}` would be looked for by the proxy, where nobody sees its address")]
    UnlistedBehindProxy {
        /// The host.
        host: String,
    },
    /// The host is at an address that is not the open network's, and was not granted.
    #[error("the host `{host}` is at the private address {address}")]
    PrivateAddress {
        /// The host.
        host: String,
        /// Its address.
        address: SocketAddr,
    },
    /// A connector wants to ask a host that was not granted to it.
    #[error("the connector `{connector}` was not granted the host `{host}`")]
    UngrantedHost {
        /// The connector.
        connector: String,
        /// The host.
        host: String,
    },
    /// It is no address of the web that could be asked. The address is not told: it may carry a secret.
    #[error("an unusable address: {what}")]
    Address {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl NetworkRefusal {
    /// What its reader can do: the line of configuration that would grant it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnlistedHost { host } => {
                Some(format!("`[network] hosts = [\"{host}\"]` in duckpen.toml adds it to them"))
            }
            Self::UnlistedBehindProxy { host } => Some(format!(
                "`[network] hosts = [\"{host}\"]` in duckpen.toml grants it, and `no_proxy` asks it without the proxy"
            )),
            Self::PrivateAddress { address, .. } => {
                Some(format!("`[network] private = [\"{address}\"]` in duckpen.toml grants it"))
            }
            Self::UngrantedHost { connector, host } => {
                Some(format!("`[connectors.{connector}] hosts = [\"{host}\"]` in duckpen.toml grants it"))
            }
            Self::Address { .. } => None,
        }
    }
}
