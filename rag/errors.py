"""Every way the product fails, in one tree; each says what a person is shown and whether a retry helps.

(Faulty settings are config.settings.SettingsError: they stop the start, long before a person asks.)

AdvisorError
├── InputError                what a person asked for cannot be done as asked; shown to them
├── DocumentError             one document cannot be read; listed with its reason, the others go on
├── NotAllowedError           outside the asker's scope; shown to them
└── DependencyError           something outside did not answer; retryable unless it says otherwise
    ├── StoreError            the index
    ├── EmbeddingError        the embedder
    ├── ModelError            the language model
    ├── MemoryStoreError      Redis
    └── DeliveryError         a channel did not take the reply; may say when to try again
"""

from __future__ import annotations


class AdvisorError(Exception):
    """Root of the tree. `text_key` names the sentence in config/texts that a person may see."""

    text_key = "error.internal"
    retryable = False


class InputError(AdvisorError):
    """A person's request cannot be done as asked; the message says what to change."""

    text_key = "error.input"


class DocumentError(AdvisorError):
    """One document cannot be read. The message is its reason, as `sources` lists it."""

    text_key = "error.document"


class NotAllowedError(AdvisorError):
    """The asker may not see or do this."""

    text_key = "error.not_allowed"


class DependencyError(AdvisorError):
    """Something outside did not answer in time or answered wrongly."""

    text_key = "error.dependency"
    retryable = True

    def __init__(self, message: str, *, retryable: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after


class StoreError(DependencyError):
    """The index did not answer."""


class EmbeddingError(DependencyError):
    """The embedder did not answer."""


class ModelError(DependencyError):
    """The language model did not answer, or not usefully."""


class MemoryStoreError(DependencyError):
    """Redis did not answer; nothing was stored."""


class DeliveryError(DependencyError):
    """A channel did not take the reply. `retry_after` is in seconds where the platform told it."""

    text_key = "error.delivery"
