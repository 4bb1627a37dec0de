"""The Streamlit pages; imported by app.py alone."""
