//! `states.emit`: the host call by which a guest hands states over.

use duckpen_sandbox::{Guest, Refusal};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, LinkerInstance, WasmList};

use super::buffer::StateBuffer;
use crate::columns::EmittedBytes;
use crate::host::FunctionHost;

/// States as they lie in the guest's memory while the guest waits in `states.emit`.
#[derive(ComponentType, Lift)]
#[component(variant)]
enum EmittedStates {
    #[component(name = "fixed")]
    Fixed(WasmList<u8>),
    #[component(name = "variable")]
    Variable(EmittedBytes),
}

/// Where the states of one instance go.
#[derive(Default)]
pub(crate) struct StateSink {
    /// What is to be filled in the current call, and with how many states.
    wanted: Option<(StateBuffer, usize)>,
    filled: Option<StateBuffer>,
}

impl StateSink {
    pub(crate) fn add_to_linker(states: &mut LinkerInstance<'_, Guest<FunctionHost>>) -> wasmtime::Result<()> {
        states.func_wrap("emit", |store, (states,): (EmittedStates,)| emit(store, &states).map_err(Into::into))
    }

    /// A call begins that is to emit `count` states once.
    pub(crate) fn begin(&mut self, buffer: StateBuffer, count: usize) {
        (self.wanted, self.filled) = (Some((buffer, count)), None);
    }

    /// The call has returned: the states that were emitted.
    ///
    /// # Errors
    /// When none were.
    pub(crate) fn finish(&mut self) -> Result<StateBuffer, Refusal> {
        self.wanted = None;
        self.filled.take().ok_or_else(|| Refusal::Denied("a call that computes states emitted none".into()))
    }

    /// The call has ended without states.
    pub(crate) fn cancel(&mut self) {
        (self.wanted, self.filled) = (None, None);
    }
}

fn emit(mut store: StoreContextMut<'_, Guest<FunctionHost>>, states: &EmittedStates) -> Result<(), Refusal> {
    let guest = store.data_mut();
    guest.count_host_call()?;
    let sink = &mut guest.embedder.states;
    if sink.filled.is_some() {
        return Err(Refusal::Denied("states were emitted twice in one call".into()));
    }
    let Some((mut buffer, count)) = sink.wanted.take() else {
        return Err(Refusal::Denied("states were emitted in a call that computes none".into()));
    };
    let watch = store.data().stopwatch();
    let filled = match states {
        EmittedStates::Fixed(states) => buffer.fill_fixed(count, states.as_le_slice(&store)),
        EmittedStates::Variable(EmittedBytes { offsets, bytes }) => {
            buffer.fill_variable(count, offsets.as_le_slice(&store), bytes.as_le_slice(&store))
        }
    };
    filled.map_err(|reason| Refusal::Denied(format!("the states are not what was asked for: {reason}")))?;
    let guest = store.data_mut();
    guest.add_host_time(watch.elapsed());
    guest.embedder.states.filled = Some(buffer);
    Ok(())
}
