"""What a step may list as an output."""

from __future__ import annotations

from stepwell.sdk.output_config import OutputDatasetConfig
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.pipeline_output_dataset import PipelineOutputAbstractDataset

OUTPUTS = (PipelineData, PipelineOutputAbstractDataset, OutputDatasetConfig)
