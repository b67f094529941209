"""Telling the public: incidents, planned work, overrides, news; by people and by probes."""
