"""Charts: tables in, Vega-Lite out. They know no Streamlit."""
