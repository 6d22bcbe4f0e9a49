macro_rules! codes {
    ($($variant:ident $code:literal $title:literal $explanation:literal)*) => {
        /// The kinds of findings that are not about the text of a pipeline alone; those are `duckpen_pipeline::Code`. A
        /// code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// As printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// A few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// What it means and what can be done.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    Declaration "E0412" "a step that its handler refuses"
        "The handler of the step's kind looked at the statement before anything ran, and does not take it: an option it does \
         not know, a value of the wrong kind, something missing."
    Escape "E0413" "a step that leads out of what it is granted"
        "Places in a pipeline are relative to the project's folder and stay within it, symbolic links included. Queries read \
         the pipeline's tables, and files of the project that they name as texts: read_csv('data/users.csv'). Any other file comes \
         in by a SOURCE and a LOAD."
    Python "E0414" "a Python function that cannot be called"
        "PYTHON_FUNC names a function of the project's folder python_udfs, decorated with @python_scalar_udf or \
         @python_table_udf: `PYTHON_FUNC(\"module.function\", column)`, or `SELECT * FROM PYTHON_FUNC(\"module.function\", table)` \
         for one of tables. A module that cannot be imported has none; its traceback is shown."
    TestColumn "E0415" "a TEST of a column that its table does not have"
        "The columns that the table will have are known before anything runs, and the test names another: correct the name, or \
         make the column."
    Usage "E0701" "a command that cannot be followed"
        "An argument names something that is not there or cannot be read. `duckpen --help` shows what there is."
    Configuration "E0702" "a configuration file that cannot be used"
        "duckpen.toml has the sections [project] with `name` and `default_profile`, [paths] with `pipelines`, `profiles`, \
         `functions`, `target` and `output`, [variables], [limits], [step_limits], [connector_limits], [network] with `hosts`, `private`, \
         `proxy`, `no_proxy` and `ca_file`, \
         [connectors.NAME] with `component` and `hosts`, and [components.NAME] with `path` and `limits`. Keys \
         that are not known are refused, so that a misspelt limit does not go unnoticed; in sqlflow.yml they are warned of."
    Profile "E0703" "a profile that cannot be used"
        "A profile is the file profiles/NAME.yml of the project, with the sections engines, variables, connectors, paths and \
         log_level."
    Database "E0704" "a database that cannot be opened"
        "The file is not a DuckDB database, belongs to a newer version, or another process holds it: one process at a time can \
         have a database file open."
    Tool "E0705" "a compiler that is not there"
        "Functions are built with the compiler of their language, which has to be installed and on the search path. The \
         message has the command that installs it."
    PlanFile "E0720" "a compiled plan that cannot be run"
        "The file is not what `duckpen compile --output-dir` or SQLFlow writes, or it was changed so that its steps do not fit \
         together. Compile the pipeline again."
    Tests "E0706" "a table of tests that cannot be used"
        "tests.txt of a function has signatures such as `slugify(title VARCHAR)`, each followed by rows such as \
         `'Hello, World!' -> 'hello-world'`; of an aggregate `[1, 2, 4] -> 2`, and `-> error: words of the message`."
    Component "E0801" "a component that cannot be loaded"
        "The file is no WebAssembly component, does not fit the contract, or was stopped while it said what it offers."
    Import "E0802" "a component that imports what it is not granted"
        "Function components are given the interfaces of their contract and inert stand-ins for WASI. Anything else is not \
         linked, so the component is not loaded."
    Version "E0803" "a component of another version of the contract"
        "Build the component with the guest SDK that belongs to this host."
    Build "E0804" "a function that cannot be built"
        "The message is the compiler's."
    StepFailed "E0901" "a step that failed"
        "Nothing of what the step did is kept. Its message says why; after putting it right, the run can be continued with \
         --resume."
    StepRefused "E0902" "a step that was refused"
        "While it ran, the step wanted what its statement does not grant. Nothing of what it did is kept."
    StepTimedOut "E0903" "a step that ran out of time"
        "The attempt took longer than --step-timeout. Nothing of what it did is kept."
    QueryFailed "E0904" "a query that failed"
        "The message is DuckDB's, or that of the function that stopped it."
    QueryRefused "E0905" "a query that is not allowed"
        "Queries cannot leave the database: no ATTACH, COPY, SET, PRAGMA, INSTALL or LOAD."
    TestFailed "E0906" "a row of a table of tests that does not hold"
        "The function was called with the row's arguments and gave something else than is expected there."
    DataTest "E0907" "a test of data that does not hold"
        "A TEST found rows that must not be; the message says how many, and some of them are shown. What reads the table \
         further down was not run. With SEVERITY WARN the run goes on and the rows are only told."
    Changed "W0901" "a component that changed since the run that is continued began"
        "Steps that were complete stay as the old code made them, and those that are left run with the new code, so that a \
         function that made a run fail can be put right. --fresh makes everything anew with the new code."
    Connector "E0908" "a connector that does not work"
        "`duckpen connect test` tried the connector as a SOURCE would use it. The message says what was tried and what \
         happened."
    HostFault "E0999" "a fault of the host"
        "Not the pipeline's fault: the machine refused something, or duckpen has a defect."
}
