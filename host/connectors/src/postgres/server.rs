use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::{Client, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio_postgres::Error;

use super::diagnosis::{explain, explain_pool, timed_out};
use super::{PostgresSettings, tls};
use crate::resilience::{ConnectorObserver, Guard};
use crate::rows::Cancel;
use crate::{ConnectorError, ProjectFiles};

/// How values are written as text, whatever the server's configuration: as DuckDB reads them, with all their digits.
const SESSION: &str = "SET datestyle TO 'ISO, YMD'; SET intervalstyle TO 'postgres'; SET timezone TO 'UTC'; \
                       SET extra_float_digits TO 3; SET bytea_output TO 'hex'";

/// A server, with the connections to it that are open, and with what is known of its health.
pub(crate) struct Server {
    settings: PostgresSettings,
    pool: Pool,
    guard: Guard,
    runtime: Handle,
}

/// The servers that are in use.
#[derive(Default)]
pub(crate) struct ServerSlot {
    servers: Mutex<Vec<Arc<Server>>>,
}

impl ServerSlot {
    /// The server of these settings, with its connections.
    pub(crate) fn server(
        &self,
        settings: &PostgresSettings,
        files: &ProjectFiles,
        runtime: &Handle,
        observer: &Arc<dyn ConnectorObserver>,
    ) -> Result<Arc<Server>, ConnectorError> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = servers.iter().find(|server| server.settings == *settings) {
            return Ok(Arc::clone(found));
        }
        let server = Arc::new(Server::new(settings.clone(), files, runtime.clone(), Arc::clone(observer))?);
        servers.push(Arc::clone(&server));
        Ok(server)
    }

    /// Closes the connections that nobody uses, and lets nobody take another one.
    pub(crate) fn close(&self) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.drain(..).for_each(|server| server.pool.close());
    }
}

impl Server {
    fn new(
        settings: PostgresSettings,
        files: &ProjectFiles,
        runtime: Handle,
        observer: Arc<dyn ConnectorObserver>,
    ) -> Result<Self, ConnectorError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Verified };
        let manager = Manager::from_config(settings.config.clone(), tls::connect(&settings.tls, files)?, recycling);
        let prepare = Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .wait_timeout(Some(settings.timeout))
            .runtime(Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .map_err(|error| ConnectorError::Host(error.to_string()))?;
        let guard = Guard::new(settings.place(), settings.policy.clone(), observer);
        Ok(Self { settings, pool, guard, runtime })
    }

    pub(super) fn place(&self) -> &str {
        self.guard.place()
    }

    pub(super) fn observer(&self) -> &dyn ConnectorObserver {
        self.guard.observer()
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Makes a call that does no harm when it is made twice, from a thread that may block.
    pub(super) fn call<R, F>(&self, cancel: &Cancel, work: impl FnMut() -> F) -> Result<R, ConnectorError>
    where
        F: Future<Output = Result<R, ConnectorError>>,
    {
        self.runtime.block_on(self.guard.call(cancel, work))
    }

    /// As [`call`](Self::call), from a task.
    pub(super) async fn call_within<R, F>(&self, cancel: &Cancel, work: impl FnMut() -> F) -> Result<R, ConnectorError>
    where
        F: Future<Output = Result<R, ConnectorError>>,
    {
        self.guard.call(cancel, work).await
    }

    /// A connection of the pool, found to be alive.
    pub(super) async fn client(&self) -> Result<Client, ConnectorError> {
        self.pool.get().await.map_err(|error| explain_pool(self.place(), &error))
    }

    /// Waits for an answer, for as long as the settings say.
    pub(super) async fn answer<R>(&self, answer: impl Future<Output = Result<R, Error>>) -> Result<R, ConnectorError> {
        match tokio::time::timeout(self.settings.timeout, answer).await {
            Ok(answered) => answered.map_err(|error| explain(self.place(), &error)),
            Err(_) => Err(timed_out(self.place(), self.settings.timeout.as_secs_f64())),
        }
    }

    pub(super) fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        const QUESTION: &str = "SELECT split_part(version(), ' ', 2), current_database()::text, current_user::text";
        self.call(cancel, || async {
            let client = self.client().await?;
            let row = self.answer(client.query_one(QUESTION, &[])).await?;
            let text = |index| row.try_get::<_, String>(index).unwrap_or_default();
            Ok(format!("PostgreSQL {}, database {}, as {}", text(0), text(1), text(2)))
        })
    }
}

/// Closes a connection in the middle of something: the server undoes what was not committed.
pub(super) fn abandon(client: Client) {
    drop(Client::take(client));
}
