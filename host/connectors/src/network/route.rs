/// How requests to an address go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// To the host itself, on this port. A client that goes so learns no port with a name, so there is one for each.
    Direct {
        /// The port.
        port: u16,
    },
    /// Through the project's proxy.
    Proxy,
}
