macro_rules! points {
    ($($variant:ident $name:literal $meaning:literal)*) => {
        /// A point in the life of a run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Point {
            $(#[doc = $meaning] $variant,)*
        }

        impl Point {
            /// All of them, in the order in which a run meets them.
            pub const ALL: &[Point] = &[$(Point::$variant,)*];

            /// As a test names it.
            pub fn name(self) -> &'static str {
                match self { $(Point::$variant => $name,)* }
            }
        }
    };
}

points! {
    LedgerBeforeOpen "ledger.before_open" "The ledger's tables may be missing."
    LedgerOpened "ledger.opened" "The ledger's tables are there."
    RecoveryBeforeFile "recovery.before_file" "A file of an earlier run waits in the outbox."
    RecoveryPublished "recovery.published" "It is in its place, and still in the outbox."
    RecoveryCleared "recovery.cleared" "It is out of the outbox."
    UploadBeforeAbort "upload.before_abort" "An upload is about to be given up."
    UploadAborted "upload.aborted" "It is."
    RecoveryBeforeSweep "recovery.before_sweep" "Earlier runs may have left files aside."
    RecoverySwept "recovery.swept" "They are gone."
    RunBeforeBegin "run.before_begin" "The ledger does not know of the run."
    RunBegun "run.begun" "It does."
    StagingBeforeCreate "staging.before_create" "The run has no folder for files yet."
    StagingCreated "staging.created" "It has."
    LockedDown "run.locked_down" "The database is shut; no step has begun."
    TransactionBegun "step.transaction_begun" "A step's transaction is open."
    FetchBeforeList "fetch.before_list" "The objects of a source are about to be listed."
    FetchListed "fetch.listed" "They are known."
    FetchBeforeObject "fetch.before_object" "An object is about to be copied."
    FetchCopied "fetch.copied" "Its copy is whole."
    TableBeforeReplace "table.before_replace" "A table or view is about to be replaced."
    TableReplaced "table.replaced" "It is, for its own transaction."
    TableBeforeAppend "table.before_append" "Rows are about to be added."
    TableAppended "table.appended" "They are."
    UpsertBeforeGather "upsert.before_gather" "The rows of an upsert are about to be read."
    UpsertGathered "upsert.gathered" "They are in a temporary table."
    UpsertUpdated "upsert.updated" "Rows with known keys are changed, others not yet added."
    UpsertInserted "upsert.inserted" "Others are added."
    WindowGathered "window.gathered" "The rows of a window are in a temporary table."
    WindowDeleted "window.deleted" "What the table held in the window is gone."
    WindowInserted "window.inserted" "The new rows are there."
    ColumnBeforeChange "column.before_change" "A column is about to be added or widened."
    ColumnChanged "column.changed" "It is."
    RejectsBeforeWrite "rejects.before_write" "Rejected rows are known and not yet kept."
    RejectsWritten "rejects.written" "They are kept."
    TestBeforeQuery "test.before_query" "A test is about to look."
    TestLooked "test.looked" "It has."
    ExportBeforeWrite "export.before_write" "A file is about to be written aside."
    ExportWritten "export.written" "It is written, perhaps not to the disk."
    ExportSynced "export.synced" "It is on the disk."
    DeliveryBeforeWrite "delivery.before_write" "Rows are about to be handed to a connector that is a component."
    DeliveryWritten "delivery.written" "It has them, and may have sent them."
    UploadBeforeBegin "upload.before_begin" "A file waits to be sent to an object store."
    UploadIntended "upload.intended" "It is noted that an upload is about to be begun."
    UploadBegun "upload.begun" "It is begun, and nobody has noted its name."
    UploadNoted "upload.noted" "Its name is noted beside the file."
    UploadBeforePart "upload.before_part" "A part of it is about to be sent."
    UploadPartSent "upload.part_sent" "It is sent."
    UploadSent "upload.sent" "All parts are sent; nobody sees the object."
    WatermarkBeforeMove "watermark.before_move" "The rows are there, the watermark is the old one."
    WatermarkMoved "watermark.moved" "It is the new one."
    MarkBeforeWrite "mark.before_write" "The step's work is done and not marked complete."
    MarkWritten "mark.written" "It is marked."
    OutboxNoted "outbox.noted" "Its file is in the outbox."
    DeliveryBeforeFinish "delivery.before_finish" "A connector that is a component is about to send what it kept."
    DeliveryFinished "delivery.finished" "All is sent; the step is not committed."
    CommitBefore "commit.before" "All of it is about to be committed."
    CommitAfter "commit.after" "It is durable."
    PublishBeforeFolder "publish.before_folder" "The folder of a file may be missing."
    PublishBeforeRename "publish.before_rename" "The file waits aside."
    PublishRenamed "publish.renamed" "It is in its place."
    UploadBeforeComplete "upload.before_complete" "The step is durable, its object does not appear yet."
    UploadCompleted "upload.completed" "It does."
    OutboxCleared "outbox.cleared" "It is out of the outbox."
    RunBeforeFinish "run.before_finish" "All steps are settled; the ledger calls the run open."
    StagingBeforeRemove "staging.before_remove" "The folder for files is still there."
    StagingRemoved "staging.removed" "It is gone."
    RunFinished "run.finished" "The ledger knows how it ended."
    ResultsBeforeWrite "results.before_write" "The results of the run are not kept yet."
    ResultsWritten "results.written" "They are."
}
