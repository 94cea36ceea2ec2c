"""Everything that is set from outside: settings, platform limits, texts, prompts and the advisor.yaml file."""
